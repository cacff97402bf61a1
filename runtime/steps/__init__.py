"""The steps of a night, one function a DAG task: each composes the rooms and writes down how it went.

Every step can be repeated without harm. What goes between tasks is names and counts, never a value of a record.
"""
