"""Everything that Keras does: data sets, networks, training, inference. No threads, no database, no pages."""
