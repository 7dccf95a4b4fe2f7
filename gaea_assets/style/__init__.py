"""Measures of style: text to counts, counts to scores, scores to a report. Nothing here knows of Dagster.

Start with `scorecard.score_voice`; `report` writes it out and `remedies` says what to change.
"""
