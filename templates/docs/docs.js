// Shows the document of this stage. No validator of anybody else is asked, and a token is kept by this page alone.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  tryItOutEnabled: true,
  filter: true,
});
