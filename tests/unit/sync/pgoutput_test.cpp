#include "core/sync/pgoutput.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::sync;

namespace {

// Taken from a PostgreSQL 15 server (pg_logical_slot_peek_binary_changes).
std::string bytes(std::string_view text) {
  return std::string(text);
}

using namespace std::string_literals;

} // namespace

TEST_CASE("log position: text and number") {
  CHECK(parse_lsn("16/B374D848").value() == 0x16B374D848ULL);
  CHECK(format_lsn(0x16B374D848ULL) == "16/B374D848");
  for (const auto* bad : {"", "16", "16/", "/1", "x/1", "1/1 ", "1/100000000"}) {
    CHECK_FALSE(parse_lsn(bad));
  }
}

TEST_CASE("pgoutput: begin and commit") {
  const auto begin = parse_pgoutput("B\0\0\0\0\x01V2\xA8\0\x03\x04\x04}\xCDKo\0\0\x02\xD8"s);
  REQUIRE(begin);
  const auto& message = std::get<BeginMessage>(*begin);
  CHECK(message.commit == 0x15632A8);
  CHECK(message.xid == 728);
  CHECK(message.time_micros / 1'000'000 / 86'400 == 20'781); // 2026-11-24
  const auto commit = parse_pgoutput("C\0\0\0\0\0\x01V2\xA8\0\0\0\0\x01V8\xB0\0\x03\x04\x04}\xCDKo"s);
  REQUIRE(commit);
  CHECK(std::get<CommitMessage>(*commit).end == 0x15638B0);
}

TEST_CASE("pgoutput: relation, insert, update with old row, delete, truncate") {
  const auto relation =
      parse_pgoutput("R\0\0@!a\0t\0f\0\x02\x01id\0\0\0\0\x17\xFF\xFF\xFF\xFF\x01n\0\0\0\x06\xA4\0\x0A\0\x06"s);
  REQUIRE(relation);
  const auto& table = std::get<PgRelation>(*relation);
  CHECK(table.id == 0x4021);
  CHECK(table.schema == "a");
  CHECK(table.table == "t");
  REQUIRE(table.columns.size() == 2);
  CHECK(table.columns[1] == PgColumn{.name = "n", .type_oid = 1700, .modifier = 655366});

  const auto insert = parse_pgoutput("I\0\0@!N\0\x02t\0\0\0\x01"
                                     "2n"s);
  REQUIRE(insert);
  CHECK(std::get<InsertMessage>(*insert).row[0].text == "2");
  CHECK(std::get<InsertMessage>(*insert).row[1].kind == PgValue::Kind::null);

  const auto update = parse_pgoutput("U\0\0@!O\0\x01t\0\0\0\x01"
                                     "1N\0\x01u"s);
  REQUIRE(update);
  CHECK(std::get<UpdateMessage>(*update).before->front().text == "1");
  CHECK(std::get<UpdateMessage>(*update).after.front().kind == PgValue::Kind::unchanged);

  const auto removal = parse_pgoutput("D\0\0@!O\0\x01t\0\0\0\x01"
                                      "1"s);
  REQUIRE(removal);
  CHECK(std::get<DeleteMessage>(*removal).before.front().text == "1");

  const auto truncate = parse_pgoutput("T\0\0\0\x01\0\0\0@!"s);
  REQUIRE(truncate);
  CHECK(std::get<TruncateMessage>(*truncate).relations == std::vector<std::uint32_t>{0x4021});
}

TEST_CASE("pgoutput: logical message") {
  const auto message = parse_pgoutput("M\x01\0\0\0\0\x01V1\x90pier.row:7\0\0\0\0\x03[1]"s);
  REQUIRE(message);
  CHECK(std::get<LogicalMessage>(*message).prefix == "pier.row:7");
  CHECK(std::get<LogicalMessage>(*message).content == "[1]");
}

TEST_CASE("pgoutput: cut and foreign messages are refused") {
  const std::vector<std::string> good = {
      "B\0\0\0\0\x01V2\xA8\0\x03\x04\x04}\xCDKo\0\0\x02\xD8"s,
      "U\0\0@!O\0\x01t\0\0\0\x01"
      "1N\0\x01t\0\0\0\x01"
      "2"s,
      "R\0\0@!a\0t\0f\0\x01\x01id\0\0\0\0\x17\xFF\xFF\xFF\xFF"s,
      "T\0\0\0\x01\0\0\0@!"s,
      "M\x01\0\0\0\0\x01V1\x90p\0\0\0\0\x03[1]"s,
  };
  for (const auto& message : good) {
    REQUIRE(parse_pgoutput(message));
    for (std::size_t size = 0; size < message.size(); ++size) {
      CHECK_FALSE(parse_pgoutput(std::string_view(message).substr(0, size)));
    }
  }
  CHECK_FALSE(parse_pgoutput(bytes("X")));
}

TEST_CASE("replication stream: data, keep-alive, status") {
  const auto message = "w\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0\0payload"s; // the payload points into it
  const auto data = parse_replication_message(message);
  REQUIRE(data);
  CHECK(std::get<XLogData>(*data).start == 5);
  CHECK(std::get<XLogData>(*data).payload == "payload");
  const auto alive = parse_replication_message("k\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0\x01"s);
  REQUIRE(alive);
  CHECK(std::get<KeepAlive>(*alive).end == 9);
  CHECK(std::get<KeepAlive>(*alive).wants_reply);
  CHECK_FALSE(parse_replication_message("k\0\0"s));
  CHECK(status_update(2, 1, true) == "r\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\x01"s);
}
