"""The parts of the recorder; the command is `record.py`."""
