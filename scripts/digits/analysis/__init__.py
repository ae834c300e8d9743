"""The analysis of the design: what layers and nodes do, which cells differ, which one to pick.

Every p-value and interval here is conditional on something, which its function says. Three things
hold for all of them: the accuracy is that of the saved models, whose epoch was chosen by the loss
on the very images that they are judged on; the images are those of one data set; and the training
parts of different folds share images.
"""
