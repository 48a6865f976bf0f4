"""Scenarios: what a planner writes, read and judged like the dialplans."""

from .plan import Plan
from .schema import DAY_S, ScenarioFile, json_schema

__all__ = ["DAY_S", "Plan", "ScenarioFile", "json_schema"]
