"""The analysis of the design: the effects of its factors, which cells differ, which one to pick.

Every p-value and interval here is conditional on something, which its function states. Three things
hold for all of them: the accuracy is that of the saved models, whose epoch was chosen by the loss
on the same images that they are evaluated on; the images are those of one data set; and the
training parts of different folds share images.
"""
