"""Tests of app.py, the API and the container: requests and events go in as API Gateway and Lambda send them."""
