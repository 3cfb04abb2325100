#include "core/http/message.hpp"

#include <doctest/doctest.h>

using pier::http::Headers;
using pier::http::Query;
using pier::http::Request;
using pier::http::Response;

TEST_CASE("headers: names compare without case and keep their order") {
  Headers headers{{"Accept", "a"}, {"X-One", "1"}};
  headers.add("accept", "b");
  CHECK(headers.get("ACCEPT") == "a");
  CHECK_FALSE(headers.has("X-Two"));
  headers.set("accept", "c");
  CHECK(headers.all() == std::vector<std::pair<std::string, std::string>>{{"X-One", "1"}, {"accept", "c"}});
  headers.remove("X-ONE");
  CHECK(headers.all().size() == 1);
}

TEST_CASE("query: parses, decodes and keeps repeated keys") {
  const auto query = Query::parse("a=1&b=x%20y+z&a=2&&flag=true&empty=&bare&c=%zz&d==");
  CHECK(query.get("a") == "1");
  CHECK(query.get_all("a") == std::vector<std::string>{"1", "2"});
  CHECK(query.get("b") == "x y z");
  CHECK(query.flag("flag"));
  CHECK_FALSE(query.flag("a"));
  CHECK(query.get("empty") == "");
  CHECK(query.get("bare") == "");
  CHECK(query.get("c") == "%zz");
  CHECK(query.get("d") == "=");
  CHECK_FALSE(query.get("none"));
}

TEST_CASE("query: round-trips through its text") {
  Query query;
  query.add("päth", "/Users/a@b/x y&z=1");
  query.add("empty", "");
  const auto again = Query::parse(query.to_string());
  CHECK(again.get("päth") == "/Users/a@b/x y&z=1");
  CHECK(again.get("empty") == "");
}

TEST_CASE("request: origin follows the Host header") {
  Request request;
  request.headers.add("Host", "127.0.0.1:8080");
  CHECK(request.origin() == "http://127.0.0.1:8080");
  request.secure = true;
  CHECK(request.origin() == "https://127.0.0.1:8080");
}

TEST_CASE("response: factories set type and status") {
  CHECK(Response::json(201, "{}").headers.get("content-type") == "application/json");
  CHECK(Response::html(200, "").headers.get("content-type") == "text/html; charset=utf-8");
  const auto redirect = Response::redirect("/x");
  CHECK(redirect.status == 302);
  CHECK(redirect.headers.get("location") == "/x");
}
