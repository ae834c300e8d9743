"""The formats of raw images: one module each, all of which yield blocks of images and labels.

``opening`` picks the format of a file; ``pixels`` makes images of the values that a format reads.
"""
