"""Fine-tuning and merging; its scripts run as processes of their own, so that GPU memory goes with them."""
