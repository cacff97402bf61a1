"""Speed, memory and match quality, each from one command: python -m benchmarks NAME [--scale ...]."""
