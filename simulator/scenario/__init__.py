"""Scenarios: what a planner writes, read and judged like the dialplans."""

from .plan import Plan
from .schema import ScenarioFile, json_schema

__all__ = ["Plan", "ScenarioFile", "json_schema"]
