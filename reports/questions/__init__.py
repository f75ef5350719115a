"""What the notebooks ask: one question a file, answered in frames, sentences and a picture."""
