"""One training: the network, the compiled loop, early stopping, checkpoints, devices.

TensorFlow is imported only here.
"""
