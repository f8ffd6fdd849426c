"""Measures of quality. Pictures are float32 tensors [N, 3, H, W] in 0..1, so palette and RGB models are measured alike.

Each measure is one public function, implemented here and nowhere else; `book/quality.md` says what it means and how it can be gamed.
"""
