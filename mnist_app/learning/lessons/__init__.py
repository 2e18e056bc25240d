"""The texts of the chapters of Learn, and the computations behind them."""
