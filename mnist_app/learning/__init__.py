"""What Keras does: data sets, architectures, training, answering. No threads, no database, no pages."""
