"""Scorecards and what is computed by them: pure rules on frozen values; numpy alone does the linear algebra."""
