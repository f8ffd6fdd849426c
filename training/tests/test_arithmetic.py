"""The integer rules by themselves: rounding, clamping, convolution, bounds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from pentimento_training import quantise as q
from pentimento_training.convert import bounds, integer_model, settle, within_bounds
from pentimento_training.integer import Layer, accumulator_bound, average, colour_values, convolve, evaluate, requantise
from pentimento_training.model import PRESETS, Decoder
from pentimento_training.palette import Palette
from pentimento_training.train import loss_per_image
from pentimento_training.verify import DisagreementError, check_bounds


@pytest.mark.parametrize(
    ("accumulator", "shift", "expected"),
    [
        (0, 1, 0),
        (1, 1, 1),
        (-1, 1, 0),
        (3, 2, 1),
        (1, 2, 0),
        (2, 2, 1),
        (253, 1, 127),
        (254, 1, 127),
        (1 << 23, 1, 127),
        (-(1 << 23), 10, 0),
    ],
)
def test_requantisation_rounds_half_up_and_clamps(accumulator: int, shift: int, expected: int) -> None:
    assert requantise(np.array([accumulator]), shift).tolist() == [expected]


@pytest.mark.parametrize("shift", [1, 4, 10])
def test_fake_quantisation_rounds_as_the_integers_do(shift: int) -> None:
    accumulator = torch.arange(-5000, 5000)
    scaled = accumulator.float() / (2**shift * q.ACTIVATION_SCALE)
    assert np.array_equal((q.quantised_activation(scaled) * 16).numpy(), requantise(accumulator.numpy(), shift))


def test_average_rounds_half_up() -> None:
    x = np.zeros((1, 2, 8, 8), np.int64)
    x[0, 0].flat[:32] = 1
    x[0, 1].flat[:31] = 1
    assert average(x).tolist() == [[1, 0]]


def test_convolution_is_torch_cross_correlation() -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.integers(0, 128, (2, 5, 8, 8)), rng.integers(-128, 128, (7, 5, 3, 3))
    expected = F.conv2d(torch.from_numpy(x).double(), torch.from_numpy(weight).double(), padding=1)
    assert np.array_equal(convolve(x, weight), expected.numpy().astype(np.int64))


def test_accumulator_bound_counts_weights_bias_and_branch() -> None:
    weight = np.array([[1, -2], [3, 3]], np.int8)
    layer = Layer("x", "conv2d", "y", (2, 1, 1), weight=weight, bias=np.array([-5, 0], np.int32), branch_weight=weight)
    assert accumulator_bound(layer) == 127 * 12


def test_projection_shrinks_only_rows_beyond_the_limit() -> None:
    weight, bias = torch.full((2, 10), 1.0), torch.zeros(2)
    weight[1] = 10
    q.project_rows([weight], bias, limit=2000)
    assert torch.equal(weight[0], torch.ones(10))
    assert float(q.row_bound([weight], bias)[1]) == pytest.approx(2000, rel=1e-5)


def test_shifts_stay_between_one_and_ten() -> None:
    assert q.exponent_for([torch.tensor([1e-6])]) == 10
    assert q.exponent_for([torch.tensor([1e3])]) == 1
    assert q.exponent_for([torch.tensor([0.5]), torch.tensor([3.0])]) == 5


@pytest.mark.parametrize(("outlier", "expected"), [(0.49, 8), (0.55, 8), (0.9, 7)])
def test_the_exponent_has_the_least_squared_error_of_all(outlier: float, expected: int) -> None:
    """A weight slightly out of range saturates for the sake of all others, one far out holds the exponent down."""
    weights = np.random.default_rng(3).normal(0, 0.05, 9000)
    weights[100] = outlier
    errors = {}
    for exponent in range(1, 11):
        integers = np.clip(np.floor(weights * 2.0**exponent + 0.5), -128, 127)
        errors[exponent] = np.mean((integers / 2.0**exponent - weights) ** 2)
    assert min(errors, key=errors.__getitem__) == expected
    assert q.exponent_for([torch.from_numpy(weights[:100]), torch.from_numpy(weights[100:])]) == expected


def test_a_saturated_weight_is_brought_to_the_limit_and_learns_on() -> None:
    decoder = Decoder(PRESETS["S"])
    decoder.quantised = True
    with torch.no_grad():
        decoder.conv1.weight.flatten()[:2] = torch.tensor([0.26, -0.26])
        decoder.conv1.weight.flatten()[2:].clamp_(-0.08, 0.08)
    decoder.project()
    group = next(group for group in decoder.parameter_groups() if group.name == "conv1")
    assert group.exponent == 9
    assert decoder.conv1.weight.flatten()[:2].tolist() == [127 / 512, -128 / 512]
    q.integer_weight(decoder.conv1.weight, group.exponent).sum().backward()
    assert decoder.conv1.weight.grad is not None
    assert bool((decoder.conv1.weight.grad > 0).all())


def test_float_training_leaves_the_range_alone() -> None:
    decoder = Decoder(PRESETS["S"])
    with torch.no_grad():
        decoder.conv1.weight.flatten()[0] = 0.26
        decoder.conv1.weight.flatten()[1:].clamp_(-0.08, 0.08)
    decoder.project()
    assert float(decoder.conv1.weight.detach().max()) == pytest.approx(0.26)


def test_a_large_head_loses_exponent_rather_than_overflow() -> None:
    weight, bias = torch.full((16, 24, 1, 1), 0.2), torch.full((16,), 300.0)
    exponent = q.head_exponent_for(weight, bias)
    assert float(q.row_bound([weight], bias).max()) * 2**exponent < q.HEAD_LIMIT
    assert exponent < q.exponent_for([weight])


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_settling_brings_wild_weights_within_bounds(preset: str, palette: Palette) -> None:
    torch.manual_seed(0)
    decoder = Decoder(PRESETS[preset])
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.mul_(30)
    wild = integer_model(decoder, palette, "wild")
    assert not within_bounds(wild)
    with pytest.raises(DisagreementError, match="exceeds its bounds"):
        check_bounds(wild)
    settle(decoder, palette)
    model = integer_model(decoder, palette, "settled")
    assert within_bounds(model)
    check_bounds(model)
    assert all(entry["shiftedBound"] < q.QUOTIENT_LIMIT for name, entry in bounds(model).items() if name != "head")


def test_latents_outside_the_range_are_refused(palette: Palette) -> None:
    model = integer_model(Decoder(PRESETS["S"]), palette, "any")
    with pytest.raises(ValueError, match="0..127"):
        evaluate(model, np.full((1, 128), 128))
    with pytest.raises(ValueError, match="shape"):
        evaluate(model, np.zeros((1, 127), np.int64))


@pytest.mark.parametrize(("name", "size", "outputs"), [("M", 32, 16), ("S", 32, 16), ("L64", 64, 16), ("RGB", 32, 3)])
def test_presets_have_the_promised_images(name: str, size: int, outputs: int) -> None:
    decoder = Decoder(PRESETS[name])
    assert decoder(torch.zeros(2, 128)).shape == (2, outputs, size, size)
    assert PRESETS[name].size == size


def test_displayed_colours_span_the_byte() -> None:
    assert colour_values(np.array([0, 1, 63, 64, 126, 127])).tolist() == [0, 2, 126, 129, 253, 255]


def test_a_saturated_colour_is_pulled_back_but_never_pushed_out() -> None:
    x = torch.tensor([-1.0, -1.0, 4.0, 9.0, 9.0], requires_grad=True)
    q.output_activation(x, quantised=False).backward(torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0]))
    assert x.grad is not None
    assert x.grad.tolist() == [0, -1, 1, 1, 0]


def test_the_rgb_loss_of_a_perfect_image_is_zero_and_of_a_shifted_level_is_known() -> None:
    output = torch.full((1, 3, 8, 8), 63.5 / 16)
    assert float(loss_per_image(PRESETS["RGB"], output, torch.full((1, 3, 8, 8), 0.5))) == pytest.approx(0, abs=1e-6)
    # Mean absolute error 0.1, five times the square 0.01; neither edges nor contrast differ.
    assert float(loss_per_image(PRESETS["RGB"], output, torch.full((1, 3, 8, 8), 0.4))) == pytest.approx(0.15, abs=1e-6)
