#include "core/server/api.hpp"
#include "core/server/token_scopes.hpp"

#include <doctest/doctest.h>

using pier::Error;
using pier::ErrorKind;
using pier::Json;
using pier::server::error_response;
using pier::server::scopes_allow;

namespace {

Json body_of(const Error& error) {
  return Json::parse(error_response(error).body).value();
}

} // namespace

TEST_CASE("api: errors have the documented body and status") {
  const Error error{
      .kind = ErrorKind::not_found, .code = "CATALOG_DOES_NOT_EXIST", .message = "Catalog 'x' does not exist."};
  CHECK(error_response(error).status == 404);
  CHECK(body_of(error) ==
        Json::object({{"error_code", "CATALOG_DOES_NOT_EXIST"}, {"message", "Catalog 'x' does not exist."}}));
}

TEST_CASE("api: own codes stand in the details, with the hint") {
  const Error error{.kind = ErrorKind::io, .code = "PIER0103", .message = "no space", .hint = "free some"};
  const auto body = body_of(error);
  CHECK(body.get_string("error_code") == "INTERNAL_ERROR");
  const auto& detail = body.find("details")->as_array().front();
  CHECK(detail.get_string("@type") == "type.googleapis.com/google.rpc.ErrorInfo");
  CHECK(detail.get_string("reason") == "PIER0103");
  CHECK(detail.find("metadata")->get_string("hint") == "free some");
}

TEST_CASE("api: no kind of error is a status that clients try again") {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    const auto status = pier::server::http_status_of(static_cast<ErrorKind>(kind));
    CHECK(status >= 400);
    CHECK(status != 429);
    CHECK(status != 503);
    CHECK_FALSE(body_of(Error{.kind = static_cast<ErrorKind>(kind), .message = "x"}).get_string("error_code").empty());
  }
}

TEST_CASE("scopes: a down-scoped token reaches only its APIs") {
  CHECK(scopes_allow({}, "POST", "/api/2.0/apps"));
  CHECK(scopes_allow({"all-apis"}, "POST", "/api/2.0/apps"));
  const std::vector<std::string> user = {"iam.current-user:read", "sql", "catalog.*:read"};
  CHECK(scopes_allow(user, "GET", "/api/2.0/preview/scim/v2/Me"));
  CHECK(scopes_allow(user, "POST", "/api/2.0/sql/statements"));
  CHECK(scopes_allow(user, "GET", "/api/2.1/unity-catalog/tables/a.b.c"));
  CHECK_FALSE(scopes_allow(user, "PATCH", "/api/2.1/unity-catalog/tables/a.b.c"));
  CHECK_FALSE(scopes_allow(user, "GET", "/api/2.0/preview/scim/v2/Users"));
  CHECK_FALSE(scopes_allow(user, "PUT", "/api/2.0/fs/files/Volumes/x"));
  CHECK_FALSE(scopes_allow(user, "POST", "/api/2.0/token/create"));
}
