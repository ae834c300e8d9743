"""Random affine copies of training images, and the tensors that keep them.

One function per kind of transform; nothing here knows a network.
"""
