"""The control panel: Flask, server-rendered."""
