#include "core/server/route_table.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using pier::server::Route;
using pier::server::RouteTable;

namespace {

/// Each route is told apart by its cost and its parameters' names.
Route route() {
  return {.action = pier::server::PublicRoute(), .cost = pier::http::Cost::quick, .names = {}};
}

std::string text_of(const RouteTable& table, std::string_view method, std::string_view path) {
  const auto match = table.find(method, path);
  if (!match) {
    return "none";
  }
  std::string text;
  for (std::size_t i = 0; i < match->values.size(); ++i) {
    text += match->route->names[i] + "=" + std::string(match->values[i]) + ";";
  }
  return text;
}

} // namespace

TEST_CASE("route table: literals, parameters and rests, raw") {
  RouteTable table;
  table.add("GET", "/", route());
  table.add("GET", "/api/2.0/apps", route());
  table.add("GET", "/api/2.0/apps/{name}", route());
  table.add("POST", "/api/2.0/apps/{name}/start", route());
  table.add("GET", "/api/2.0/apps/{name}/deployments/{id}", route());
  table.add("PUT", "/api/2.0/fs/files/{path...}", route());
  CHECK(text_of(table, "GET", "/").empty());
  CHECK(text_of(table, "GET", "/api/2.0/apps").empty());
  CHECK(text_of(table, "GET", "/api/2.0/apps/").empty());
  CHECK(text_of(table, "GET", "/api/2.0/apps/a%2Fb") == "name=a%2Fb;");
  CHECK(text_of(table, "POST", "/api/2.0/apps/x/start") == "name=x;");
  CHECK(text_of(table, "GET", "/api/2.0/apps/x/deployments/7") == "name=x;id=7;");
  CHECK(text_of(table, "PUT", "/api/2.0/fs/files/Volumes/a/b%20c/d") == "path=Volumes/a/b%20c/d;");
  CHECK(text_of(table, "PUT", "/api/2.0/fs/files//Volumes/a") == "path=/Volumes/a;");
  CHECK(text_of(table, "PUT", "/api/2.0/fs/files%2FVolumes") == "none");
  CHECK(text_of(table, "DELETE", "/api/2.0/apps/x") == "none");
  CHECK(text_of(table, "GET", "/api/2.0/apps/x/start") == "none");
  CHECK(text_of(table, "GET", "/api/2.0") == "none");
  CHECK(text_of(table, "GET", "api/2.0/apps") == "none");
}

TEST_CASE("route table: the more exact pattern wins, with a way back") {
  RouteTable table;
  table.add("GET", "/runs/get", route());
  table.add("GET", "/runs/{id}/output", route());
  table.add("GET", "/runs/{rest...}", route());
  CHECK(text_of(table, "GET", "/runs/get").empty());
  CHECK(text_of(table, "GET", "/runs/get/output") == "id=get;");
  CHECK(text_of(table, "GET", "/runs/get/other") == "rest=get/other;");
  CHECK(text_of(table, "GET", "/runs/5") == "rest=5;");
}

TEST_CASE("route table: HEAD falls back to GET") {
  RouteTable table;
  table.add("GET", "/a/{x}", route());
  CHECK(text_of(table, "HEAD", "/a/1") == "x=1;");
}

TEST_CASE("route table: wrong patterns are bugs") {
  RouteTable table;
  table.add("GET", "/a/{x}", route());
  CHECK_THROWS_AS(table.add("GET", "/a/{y}", route()), std::logic_error);
  CHECK_THROWS_AS(table.add("GET", "/b/{rest...}/c", route()), std::logic_error);
  CHECK_THROWS_AS(table.add("GET", "b", route()), std::logic_error);
}
