"""Measures of answers: accuracy, the confusion matrix, calibration."""
