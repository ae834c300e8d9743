"""Random affine copies of training images, and the tensors that store them.

One function per kind of transform; nothing here knows about networks.
"""
