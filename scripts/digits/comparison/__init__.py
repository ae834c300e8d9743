"""What differs between two experiments: read and compared, and shown on the terminal."""
