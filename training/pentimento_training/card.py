"""The model card: what the model is, how it was trained, what was measured, and what it cannot do."""

from __future__ import annotations


def card_text(metrics: dict) -> str:
    """Markdown made from the metrics, so that card and metrics cannot disagree."""
    return "\n".join([*introduction(metrics), *measurements(metrics), *bound_rows(metrics), *limits(metrics)]) + "\n"


def introduction(metrics: dict) -> list[str]:
    """Title, contents of the folder and training procedure."""
    size = metrics["size"]
    return [
        f"# {metrics['model']}",
        "",
        f"An int8 decoder from a latent of 128 integers to a 32x32 image in 16 colours, preset {metrics['preset']}, in the style",
        f"of Nouns: {size['parameters']:,} parameters, {size['activations']:,} activations, {size['multiplyAccumulates']:,} products per image.",
        "Weights and palette: CC0-1.0. The training images are composed from the CC0 Nouns traits.",
        "",
        f"Commitment: `{metrics['commitment']}`",
        "",
        "- `manifest.json`, `weights.safetensors`: the integer decoder",
        "- `decoder.onnx`: the same integers as ONNX, `latent` uint8 `[N,128]` to `index` uint8 `[N,32,32]`",
        "- `encoder.onnx`: the float encoder, `image` float32 `[N,3,64,64]` in 0..1 to `latent` uint8 `[N,128]`; never proven",
        "",
        "## Training",
        "",
        f"Seed {metrics['seed']}, batch {metrics['batch']}, Adam, one-cycle: {metrics['floatSteps']} float steps at {metrics['floatLearningRate']:g},",
        f"then {metrics['qatSteps']} int8 steps at {metrics['qatLearningRate']:g}. The float control continues the float network for the same",
        f"{metrics['qatSteps']} steps on the same batches. All phases together took {metrics['seconds']:.0f} s on one thread of a shared CPU.",
        "",
    ]


def measurements(metrics: dict) -> list[str]:
    """The table of losses and accuracies."""
    evaluated = metrics["evaluationComposites"]
    labels = {"float": "float", "control": "float control", "int8": "int8"}
    steps = {"float": metrics["floatSteps"]}
    total = metrics["floatSteps"] + metrics["qatSteps"]
    rows = [
        f"| {labels[phase]} | {steps.get(phase, total)} | {entry['trainingLoss']:.4f} | {entry['loss']:.4f} | {entry['pixelAccuracy']:.2%} "
        f"| {entry['heldOutHeadsLoss']:.4f} | {entry['heldOutHeadsPixelAccuracy']:.2%} |"
        for phase, entry in metrics["phases"].items()
    ]
    return [
        "## Measured",
        "",
        f"Cross-entropy in nats per pixel. Training loss: mean of the phase's last 100 steps. The other columns: {evaluated['seenHeads']} fresh",
        f"composites with heads that training showed, and {evaluated['heldOutHeads']} with the 40 heads that it never showed.",
        "",
        "| network | steps | training loss | loss | pixel accuracy | loss, held-out heads | accuracy, held-out heads |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"- Palette adherence: {metrics['paletteAdherence']:.2%} of pixels have one of the collection's own colours (by construction).",
        f"- Index agreement: {metrics['indexAgreement']:.2%} of pixels get the same colour with and without quantisation of the final weights.",
        f"- The exported encoder's latents differ from PyTorch's by at most {metrics['encoderLargestDifference']}.",
        "- PyTorch, numpy and ONNX Runtime (optimiser on and off) agree bit for bit; the export stops if they do not.",
        "",
    ]


def bound_rows(metrics: dict) -> list[str]:
    """The table of overflow bounds."""
    rows = [
        f"| {layer} | {entry['shift']} | {entry['accumulatorBound']:,} | {entry['shiftedBound']:,} | {entry['largestAccumulatorMet']:,} |"
        for layer, entry in metrics["bounds"].items()
    ]
    return [
        "Bounds over all activations in 0..127 (limits: 3,900 after the shift; 2^20 for the head; 2^24 everywhere):",
        "",
        "| layer | shift | accumulator bound | after the shift | largest accumulator met |",
        "|---|---|---|---|---|",
        *rows,
        "",
    ]


def limits(metrics: dict) -> list[str]:
    """What the model cannot do."""
    return [
        "## Limits",
        "",
        "- The encoder was trained on Nouns only. On a photo its latent follows colour and mass loosely, not the subject or its outline.",
        "- A latent drawn at random usually decodes to a patchy figure; the latent of an encoded Noun decodes to a clean one.",
        f"- Heads that training never showed are reproduced at {metrics['int8PixelAccuracyHeldOutHeads']:.1%}, seen ones at {metrics['int8PixelAccuracy']:.1%}.",
        "- The two backgrounds of the collection are one colour here, and every other colour is the nearest of 15.",
    ]
