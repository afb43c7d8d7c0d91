"""Hidden tests of notebook 10, a file a section: teaching a student, gradients of images, attacks, training on them."""
