"""Alarms from what the gates said, and their way to a webhook. Nothing here knows of Dagster."""
