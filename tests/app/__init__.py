"""Tests of app.py, of the web and of the bootstrap: requests and events go in as API Gateway and Lambda send them."""
