"""What observing costs, measured beside the bare SDKs in the same run. `python -m bench` prints every figure."""
