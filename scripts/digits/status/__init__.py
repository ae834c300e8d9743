"""Where an experiment stands, by what is on disk: read, and shown on the terminal."""
