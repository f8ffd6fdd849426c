"""The model card: what the model is, how it was trained, what was measured, and what it cannot do."""

from __future__ import annotations

LABELS = {"float": "float", "control": "float control", "int8": "int8"}


def card_text(metrics: dict) -> str:
    """Markdown made from the metrics, so that card and metrics cannot disagree."""
    return "\n".join([*introduction(metrics), *measurements(metrics), *bound_rows(metrics), *limits(metrics)]) + "\n"


def is_rgb(metrics: dict) -> bool:
    """Whether the model decodes to colours rather than palette indices."""
    return "psnr" in metrics["phases"]["int8"]


def side_of(metrics: dict) -> int:
    """Height and width of the decoded image."""
    return 64 if metrics["preset"] == "L64" else 32


def introduction(metrics: dict) -> list[str]:
    """Title, contents of the folder and training procedure."""
    size, side = metrics["size"], side_of(metrics)
    image = f"{side}x{side} image in " + ("RGB, 7 bits a channel" if is_rgb(metrics) else "16 colours")
    shape = f"`image` uint8 `[N,3,{side},{side}]` in 0..127" if is_rgb(metrics) else f"`index` uint8 `[N,{side},{side}]`"
    return [
        f"# {metrics['model']}",
        "",
        f"An int8 decoder from a latent of 128 integers to a {image}, preset {metrics['preset']}, in the style of",
        f"{metrics['collection']}: {size['parameters']:,} parameters, {size['activations']:,} activations, "
        f"{size['multiplyAccumulates']:,} products per image.",
        f"Weights and palette: CC0-1.0. {metrics['note']}.",
        "",
        f"Commitment: `{metrics['commitment']}`",
        "",
        "- `manifest.json`, `weights.safetensors`: the integer decoder",
        f"- `decoder.onnx`: the same integers as ONNX, `latent` uint8 `[N,128]` to {shape}",
        "- `encoder.onnx`: the float encoder, `image` float32 `[N,3,64,64]` in 0..1 to `latent` uint8 `[N,128]`; never proven",
        "- `sheet.png`: originals above their int8 reconstructions, seen ones first, then held-out ones",
        *(["- `loss.svg`: loss over steps"] if metrics["lossCurve"] else []),
        "",
        "## Training",
        "",
        f"Seed {metrics['seed']}, batch {metrics['batch']}, Adam, one-cycle: {metrics['floatSteps']} float steps at {metrics['floatLearningRate']:g},",
        f"then {metrics['qatSteps']} int8 steps at {metrics['qatLearningRate']:g}. The float control continues the float network for the same",
        f"{metrics['qatSteps']} steps on the same batches. All phases together took {metrics['seconds']:.0f} s on {hardware_text(metrics)}.",
        "",
    ]


def hardware_text(metrics: dict) -> str:
    """The processor and its threads."""
    hardware = metrics["hardware"]
    return f"{hardware['threads']} thread{'s' if hardware['threads'] > 1 else ''} of {hardware['device']} (wall clock, other jobs beside it)"


def measurements(metrics: dict) -> list[str]:
    """The table of losses and accuracies."""
    evaluated = metrics["evaluation"]
    quality = "PSNR" if is_rgb(metrics) else "pixel accuracy"
    loss = "Loss as `train.py` defines it for RGB" if is_rgb(metrics) else "Cross-entropy in nats per pixel"
    return [
        "## Measured",
        "",
        f"{loss}. Training loss: mean of the phase's last 100 steps. The other columns: {evaluated['seen']} examples",
        f"of what training showed, and {evaluated['heldOut']} of held-out {evaluated['heldOutKind']} that it never showed.",
        "",
        f"| network | steps | training loss | loss | {quality} | loss, held out | {quality}, held out |",
        "|---|---|---|---|---|---|---|",
        *(phase_row(metrics, phase) for phase in LABELS),
        "",
        *agreement_lines(metrics),
        f"- The exported encoder's latents differ from PyTorch's by at most {metrics['encoderLargestDifference']}.",
        "- PyTorch, numpy and ONNX Runtime (optimiser on and off, one and two threads) agree bit for bit; the export stops if they do not.",
        "",
    ]


def phase_row(metrics: dict, phase: str) -> str:
    """One row of the table."""
    entry = metrics["phases"][phase]
    steps = metrics["floatSteps"] + (0 if phase == "float" else metrics["qatSteps"])
    if is_rgb(metrics):
        qualities = [f"{entry[key]:.2f} dB" for key in ("psnr", "heldOutPsnr")]
    else:
        qualities = [f"{entry[key]:.2%}" for key in ("pixelAccuracy", "heldOutPixelAccuracy")]
    losses = [f"{entry[key]:.4f}" for key in ("trainingLoss", "loss", "heldOutLoss")]
    cells = [LABELS[phase], f"{steps:,}", losses[0], losses[1], qualities[0], losses[2], qualities[1]]
    return f"| {' | '.join(cells)} |"


def agreement_lines(metrics: dict) -> list[str]:
    """What int8 changes."""
    over = f"- The int8 loss is {metrics['int8LossOverControl']:+.2%} of the float control's."
    if is_rgb(metrics):
        share = f"{metrics['indexAgreement']:.2%} of colour values differ by at most one of 127 steps"
        return [over, f"- Agreement: {share} with and without quantisation of the final weights."]
    return [
        over,
        f"- Palette adherence: {metrics['paletteAdherence']:.2%} of pixels have one of the collection's own colours (by construction).",
        f"- Index agreement: {metrics['indexAgreement']:.2%} of pixels get the same colour with and without quantisation of the final weights.",
    ]


def bound_rows(metrics: dict) -> list[str]:
    """The table of overflow bounds."""
    rows = [
        f"| {layer} | {entry['shift']} | {entry['accumulatorBound']:,} | {entry['shiftedBound']:,} | {entry['largestAccumulatorMet']:,} |"
        for layer, entry in metrics["bounds"].items()
    ]
    return [
        "Bounds over all activations in 0..127, from the weights alone (limits: 3,900 after the shift; 2^20 for a palette head; 2^24 everywhere):",
        "",
        "| layer | shift | accumulator bound | after the shift | largest accumulator met |",
        "|---|---|---|---|---|",
        *rows,
        "",
    ]


def limits(metrics: dict) -> list[str]:
    """What the model cannot do."""
    entry = metrics["phases"]["int8"]
    kind = metrics["evaluation"]["heldOutKind"]
    lines = [
        "## Limits",
        "",
        f"- The encoder was trained on {metrics['collection']} only. On a photo its latent follows colour and mass loosely, not the subject or its outline.",
        "- A latent drawn at random usually decodes to a patchy image; the latent of an encoded image of the collection decodes to a clean one.",
    ]
    if is_rgb(metrics):
        return [
            *lines,
            f"- Held-out {kind} are reproduced at {entry['heldOutPsnr']:.1f} dB, seen ones at {entry['psnr']:.1f} dB; fine strokes are softened.",
        ]
    lines.append(
        f"- Held-out {kind} are reproduced at {entry['heldOutPixelAccuracy']:.1%}, seen ones at {entry['pixelAccuracy']:.1%}."
    )
    if metrics["collection"] == "Nouns":
        lines.append("- The two backgrounds of the collection are one colour here, and every other colour is the nearest of 15.")
    return lines
