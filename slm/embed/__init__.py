"""Texts to vectors: word pieces, model files, the ONNX session."""
