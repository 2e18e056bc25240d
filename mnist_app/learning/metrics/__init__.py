"""Measures of answers: accuracy and the confusion matrix, calibration."""
