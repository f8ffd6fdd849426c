"""Parses config.pbtxt files with Triton's own message, which refuses what it does not know, and prints the names of their models."""

import sys
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc.model_config_pb2 import ModelConfig

for path in sys.argv[1:]:
    print(text_format.Parse(Path(path).read_text(), ModelConfig()).name)
