"""What the stages share, in the order in which data travels.

params -> sentence -> tagscheme -> corpus -> vocabulary -> encoding -> metrics -> model -> predictions -> report.
A room imports the rooms before it, never those after it. Nothing is imported here, so any room loads alone.
"""
