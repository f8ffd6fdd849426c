"""The exported graphs against torch: the written-out gradient against automatic differentiation, the search against brute force."""

from __future__ import annotations

import numpy as np
import torch

from pentimento_training.style import features, objective, pose
from pentimento_training.style.bank import Bank, make_bank
from pentimento_training.style.painter import Painter, paint_all
from pentimento_training.style.search_graph import CANDIDATES, search_graph
from pentimento_training.style.step_graph import step_graph
from pentimento_training.style.styler import session

POSES = np.array([31, 0, 125, 62, 63, 77])
AMOUNTS = np.array([0.6, 0.4], np.float32)


def photos(count: int) -> torch.Tensor:
    """Smooth random pictures [count, 3, 64, 64]."""
    coarse = torch.rand(count, 3, 5, 5, generator=torch.Generator().manual_seed(4))
    return torch.nn.functional.interpolate(coarse, size=64, mode="bilinear")


def test_step_graph_is_the_loss_and_its_gradient(painter: Painter, latents: np.ndarray) -> None:
    """Every decoder kind, every term, six poses."""
    rng = np.random.default_rng(5)
    pictures, origin = photos(len(latents)), np.floor(latents[::-1]).copy()
    tilt, inertia = rng.normal(0, 0.5, 16).astype(np.float32), rng.uniform(1e-5, 1e-4, latents.shape[1]).astype(np.float32)
    graph = session(step_graph(painter.model, painter.colours.numpy(), painter.sharpness, "step").SerializeToString())
    inputs = {"photo": pictures.numpy(), "latent": latents, "origin": origin, "pose": POSES, "amounts": AMOUNTS}
    inputs |= {"colour": np.array([0.3], np.float32), "tilt": tilt, "inertia": inertia}
    loss, gradient = graph.run(["loss", "gradient"], inputs)
    latent = torch.from_numpy(latents).requires_grad_()
    settings = objective.Settings(torch.from_numpy(AMOUNTS), 0.3, torch.from_numpy(tilt), torch.from_numpy(inertia))
    expected = objective.loss(painter, pictures, latent, torch.from_numpy(origin), torch.from_numpy(POSES), settings)
    expected.sum().backward()
    assert np.allclose(loss, expected.detach().numpy(), atol=2e-5)
    assert latent.grad is not None
    scale = float(latent.grad.abs().max())
    assert scale > 1e-4
    assert np.allclose(gradient, latent.grad.numpy(), atol=2e-3 * scale)


def small_bank(painter: Painter) -> Bank:
    """60 random latents and what they paint."""
    latents = np.random.default_rng(6).integers(0, 128, (60, painter.model.latent_length)).astype(np.uint8)
    return make_bank(latents, paint_all(painter, torch.from_numpy(latents.astype(np.float32))))


def brute_force(bank: Bank, photo: torch.Tensor, colour: float) -> np.ndarray:
    """The score of every pose and entry: [126, M]."""
    moved = pose.undo(photo.expand(126, -1, -1, -1), torch.arange(126))
    weights = torch.stack([torch.from_numpy(term) for term in features.TERMS.values()])
    wanted = features.term_features(features.spectrum(moved), weights)
    offered = features.term_features(torch.from_numpy(bank.spectra.astype(np.float32)), weights)
    cosines = torch.einsum("pgb,mgb->gpm", wanted, offered)
    centres = torch.from_numpy(bank.centres.astype(np.float32) / 255)
    squared = (features.centre_colour(moved)[:, None] - centres[None]).pow(2).sum(2)
    return (torch.einsum("g,gpm->pm", torch.from_numpy(AMOUNTS), cosines) - colour * (squared + 1e-4).sqrt()).numpy()


def test_search_graph_is_brute_force(painter: Painter) -> None:
    """Scores, poses, and the candidates under a tilt."""
    bank, photo = small_bank(painter), photos(1)
    tilt = np.random.default_rng(7).normal(0, 0.3, 16).astype(np.float32)
    graph = session(search_graph(bank, painter.model, painter.colours.numpy(), "search").SerializeToString())
    inputs = {"photo": photo.numpy(), "amounts": AMOUNTS, "colour": np.array([0.2], np.float32), "tilt": tilt}
    score, best_pose, latent, latent_pose, loss = graph.run(["score", "pose", "latent", "latentPose", "loss"], inputs)
    expected = brute_force(bank, photo, 0.2)
    assert np.allclose(score, expected.max(0), atol=1e-4)
    chosen = expected[best_pose, np.arange(len(score))]
    assert np.allclose(chosen, expected.max(0), atol=1e-4)
    order = np.argsort(-(score - bank.share / np.float32(255) @ tilt), kind="stable")[:CANDIDATES]
    assert np.array_equal(latent, bank.latents[order].astype(np.float32))
    assert np.array_equal(latent_pose, best_pose[order])
    candidates, no_inertia = torch.from_numpy(latent), torch.zeros(latent.shape[1])
    settings = objective.Settings(torch.from_numpy(AMOUNTS), 0.2, torch.from_numpy(tilt), no_inertia)
    exact = objective.loss(
        painter, photo.expand(len(latent), -1, -1, -1), candidates, candidates, torch.from_numpy(latent_pose), settings
    )
    assert np.allclose(loss, exact.numpy(), atol=2e-5)


def test_search_finds_a_painting_again(painter: Painter) -> None:
    """An entry's own painting, mirrored and shifted, is found as that entry in that pose."""
    bank = small_bank(painter)
    graph = session(search_graph(bank, painter.model, painter.colours.numpy(), "search").SerializeToString())
    painted = paint_all(painter, torch.from_numpy(bank.latents[:5].astype(np.float32))).image
    poses = torch.tensor([31, 63 + 40, 22, 94, 33])
    large = torch.nn.functional.interpolate(pose.apply(painted, poses), size=64, mode="nearest")
    hits = 0
    for position, photo in enumerate(large):
        inputs = {"photo": photo[None].numpy(), "amounts": AMOUNTS, "colour": np.zeros(1, np.float32)}
        latent, _ = graph.run(["latent", "latentPose"], {**inputs, "tilt": np.zeros(16, np.float32)})
        hits += np.array_equal(latent[0], bank.latents[position])
    assert hits >= 4
