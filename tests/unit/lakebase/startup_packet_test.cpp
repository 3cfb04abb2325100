#include "core/lakebase/startup_packet.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::lakebase;

namespace {

std::string packet(std::uint32_t version, std::string_view parameters) {
  std::string out;
  append_uint32(out, static_cast<std::uint32_t>(8 + parameters.size()));
  append_uint32(out, version);
  return out + std::string(parameters);
}

std::string message(char type, std::string_view payload) {
  std::string out(1, type);
  append_uint32(out, static_cast<std::uint32_t>(4 + payload.size()));
  return out + std::string(payload);
}

using namespace std::string_literals;

} // namespace

TEST_CASE("startup packet: names and values are read, the database defaults to the user") {
  const auto parsed = StartupPacket::parse(packet(196608, "user\0ada@x.test\0application_name\0psql\0\0"s));
  REQUIRE(parsed);
  CHECK(parsed->user() == "ada@x.test");
  CHECK(parsed->database() == "ada@x.test");
  CHECK(parsed->parameter("application_name") == "psql");
  CHECK_FALSE(parsed->wants_replication());
}

TEST_CASE("startup packet: replication is noticed in every spelling") {
  for (const auto& value : {"database"s, "true"s, "on"s, "1"s, "yes"s}) {
    const auto parsed = StartupPacket::parse(packet(196608, "user\0a\0replication\0"s + value + "\0\0"s));
    REQUIRE(parsed);
    CHECK(parsed->wants_replication());
  }
}

TEST_CASE("startup packet: broken ones are refused with a state") {
  struct Case {
    std::string bytes;
    std::string state;
  };

  const std::vector<Case> cases = {
      {"", "08P01"},
      {packet(196608, ""), "08P01"},
      {packet(196608, "user\0a\0"s), "08P01"},         // no terminator
      {packet(196608, "user\0a\0\0more"s), "08P01"},   // something behind it
      {packet(196608, "user\0\0"s), "08P01"},          // a name without value
      {packet(131072, "user\0a\0\0"s), "08P01"},       // protocol 2
      {packet(196608, "database\0a\0\0"s), "28000"},   // nobody
      {packet(196608, "user\0a\0\0"s) + "x", "08P01"}, // wrong length
  };
  for (const auto& item : cases) {
    const auto parsed = StartupPacket::parse(item.bytes);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == item.state);
  }
}

TEST_CASE("password message: one text with its terminator") {
  CHECK(parse_password("secret\0"s).value() == "secret");
  CHECK_FALSE(parse_password("secret"));
  CHECK_FALSE(parse_password("sec\0ret\0"s));
  CHECK(parse_password("\0"s).error().code == "28P01");
}

TEST_CASE("error response: has severity, state, message and hint, and says its length") {
  const auto bytes = error_response({.sql_state = "28P01", .message = "no", .hint = "try"});
  CHECK(bytes == "E\0\0\0\x23SFATAL\0VFATAL\0C28P01\0Mno\0Htry\0\0"s);
}

TEST_CASE("stream tracker: knows the last transaction status however the bytes are cut") {
  const auto stream = message('R', std::string(4, '\0')) + message('Z', "I") + message('T', std::string(300, 'Z')) +
                      message('C', "BEGIN\0"s) + message('Z', "T") + message('D', "");
  for (std::size_t cut = 1; cut <= 7; ++cut) {
    ServerStreamTracker tracker;
    for (std::size_t at = 0; at < stream.size(); at += cut) {
      tracker.feed(std::string_view(stream).substr(at, cut));
    }
    CHECK(tracker.status() == 'T');
  }
  ServerStreamTracker fresh;
  fresh.feed(message('R', std::string(4, '\0')));
  CHECK(fresh.status() == 0);
}
