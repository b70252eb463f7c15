"""Candidates and how they are judged: scorecards, ratings, evaluations, comparison."""
