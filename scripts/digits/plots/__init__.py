"""The plots, one module per stage. Every function returns a Matplotlib figure; none shows one."""
