#include "core/sync/change_batch.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::sync;

namespace {

constexpr std::uint32_t k_relation = 7;

PgValue text(std::string value) {
  return {.kind = PgValue::Kind::text, .text = std::move(value)};
}

PgRelation relation(std::vector<PgColumn> columns) {
  return {.id = k_relation, .schema = "app", .table = "Decisions", .columns = std::move(columns)};
}

const std::vector<PgColumn> k_columns = {{.name = "id", .type_oid = 20}, {.name = "note", .type_oid = 25}};

ChangeBatch batch_with(Lsn start, Lsn done) {
  return ChangeBatch({.start_of = [start](std::uint32_t) -> Result<Lsn> { return start; },
                      .done_until = [done](const PgRelation&) -> Result<Lsn> { return done; }});
}

void feed(ChangeBatch& batch, Lsn commit, const std::vector<PgOutputMessage>& changes) {
  REQUIRE(batch.add(BeginMessage{.commit = commit, .time_micros = 1'700'000'000'123'456, .xid = 3}));
  for (const auto& change : changes) {
    const auto added = batch.add(change);
    REQUIRE_MESSAGE(added, (added ? "" : added.error().to_string()));
  }
  REQUIRE(batch.add(CommitMessage{.commit = commit, .end = commit + 8}).value());
}

std::vector<std::string> cells(const HistoryRows& rows, std::size_t row) {
  std::vector<std::string> out;
  const auto width = rows.rows.columns.size();
  for (std::size_t i = 0; i < width; ++i) {
    out.push_back(rows.rows.cells[row * width + i].value_or("NULL"));
  }
  return out;
}

} // namespace

TEST_CASE("change batch: a transaction becomes rows with the columns of the change") {
  auto batch = batch_with(0, 0);
  feed(batch, 100,
       {relation(k_columns), InsertMessage{.relation = k_relation, .row = {text("1"), PgValue{}}},
        UpdateMessage{.relation = k_relation,
                      .before = PgTuple{text("1"), text("large")},
                      .after = {text("2"), PgValue{.kind = PgValue::Kind::unchanged}}},
        DeleteMessage{.relation = k_relation, .before = {text("2"), text("large")}}});
  REQUIRE(batch.ready().size() == 1);
  const auto& rows = batch.ready().front();
  CHECK(rows.table == "Decisions");
  CHECK(rows.last_commit == 100);
  REQUIRE(rows.rows.rows() == 4);
  using Row = std::vector<std::string>;
  CHECK(cells(rows, 0) ==
        Row{"1", "NULL", "insert", "100", "3", "2023-11-14T22:13:20.123456+00", "0000000000000064-00000001"});
  CHECK(cells(rows, 1)[2] == "update_preimage");
  CHECK(cells(rows, 2)[1] == "large"); // the value that the update did not send
  CHECK(cells(rows, 2)[2] == "update_postimage");
  CHECK(cells(rows, 3)[2] == "delete");
  CHECK(batch.complete_until() == 108);
  CHECK(history_table_name(rows.table) == "lb_decisions_history");
}

TEST_CASE("change batch: nothing is ready before the commit") {
  auto batch = batch_with(0, 0);
  REQUIRE(batch.add(BeginMessage{.commit = 100}));
  REQUIRE(batch.add(relation(k_columns)));
  REQUIRE(batch.add(InsertMessage{.relation = k_relation, .row = {text("1"), text("a")}}));
  CHECK(batch.ready().empty());
  CHECK(batch.in_transaction());
}

TEST_CASE("change batch: what the lake has, and what came before the start, is left out") {
  const auto one = [](std::string id) {
    return std::vector<PgOutputMessage>{relation(k_columns),
                                        InsertMessage{.relation = k_relation, .row = {text(std::move(id)), text("a")}}};
  };
  auto done = batch_with(0, 100);
  feed(done, 100, one("1"));
  CHECK(done.ready().empty());
  feed(done, 101, one("2"));
  CHECK(done.ready().front().rows.rows() == 1);

  auto started = batch_with(150, 0);
  feed(started, 149, one("1"));
  CHECK(started.ready().empty());
  feed(started, 150, one("2"));
  CHECK(started.ready().size() == 1);
}

TEST_CASE("change batch: transactions of one table share a batch, a new shape begins another") {
  auto batch = batch_with(0, 0);
  auto wide = k_columns;
  wide.push_back({.name = "extra", .type_oid = 23});
  feed(batch, 100, {relation(k_columns), InsertMessage{.relation = k_relation, .row = {text("1"), text("a")}}});
  feed(batch, 110, {InsertMessage{.relation = k_relation, .row = {text("2"), text("b")}}});
  feed(batch, 120, {relation(wide), InsertMessage{.relation = k_relation, .row = {text("3"), text("c"), text("9")}}});
  REQUIRE(batch.ready().size() == 2);
  CHECK(batch.ready()[0].rows.rows() == 2);
  CHECK(batch.ready()[0].last_commit == 110);
  CHECK(batch.ready()[1].last_commit == 120);
  CHECK(batch.ready_rows() == 3);
}

TEST_CASE("change batch: a table that is altered inside of its transaction keeps its rows") {
  auto batch = batch_with(0, 0);
  auto wide = k_columns;
  wide.push_back({.name = "extra", .type_oid = 23});
  feed(batch, 100,
       {relation(k_columns), InsertMessage{.relation = k_relation, .row = {text("1"), text("a")}}, relation(wide),
        InsertMessage{.relation = k_relation, .row = {text("2"), text("b"), text("9")}}});
  REQUIRE(batch.ready().size() == 1);
  CHECK(cells(batch.ready().front(), 0)[2] == "NULL");
  CHECK(cells(batch.ready().front(), 0)[3] == "insert");
  CHECK(cells(batch.ready().front(), 1)[2] == "9");
}

TEST_CASE("change batch: rows that were there come as messages, TRUNCATE as a row") {
  auto batch = batch_with(0, 0);
  feed(batch, 100,
       {LogicalMessage{.prefix = "pier.start",
                       .content =
                           R"({"relid":7,"schema":"app","table":"t","columns":[["id",20,-1],["n",1700,655366]]})"},
        LogicalMessage{.prefix = "pier.row:7", .content = R"(["1","2.50"])"},
        LogicalMessage{.prefix = "pier.row:7", .content = R"(["2",null])"},
        LogicalMessage{.prefix = "somebody", .content = "else"}, TruncateMessage{.relations = {7}}});
  const auto& rows = batch.ready().front();
  REQUIRE(rows.rows.rows() == 3);
  CHECK(rows.rows.columns[1].type == lake::DataType{.kind = lake::TypeKind::decimal, .precision = 10, .scale = 2});
  CHECK(cells(rows, 0)[1] == "2.50");
  CHECK(cells(rows, 1)[1] == "NULL");
  CHECK(cells(rows, 2)[2] == "truncate");
}

TEST_CASE("change batch: values that the lake writes in another way") {
  auto batch = batch_with(0, 0);
  feed(batch, 100,
       {relation({{.name = "b", .type_oid = 16},
                  {.name = "y", .type_oid = 17},
                  {.name = "d", .type_oid = 1082},
                  {.name = "n", .type_oid = 1700, .modifier = 655366}}),
        InsertMessage{.relation = k_relation, .row = {text("t"), text("\\x0041"), text("infinity"), text("NaN")}}});
  const auto row = cells(batch.ready().front(), 0);
  CHECK(row[0] == "true");
  CHECK(row[1] == std::string("\0A", 2));
  CHECK(row[2] == "NULL");
  CHECK(row[3] == "NULL");
}

TEST_CASE("change batch: a change of an unknown relation and broken messages are errors") {
  auto batch = batch_with(0, 0);
  REQUIRE(batch.add(BeginMessage{.commit = 1}));
  CHECK_FALSE(batch.add(InsertMessage{.relation = 99, .row = {}}));
  REQUIRE(batch.add(relation(k_columns)));
  CHECK_FALSE(batch.add(InsertMessage{.relation = k_relation, .row = {text("1")}}));
  CHECK_FALSE(batch.add(LogicalMessage{.prefix = "pier.start", .content = "{"}));
  CHECK_FALSE(batch.add(LogicalMessage{.prefix = "pier.row:7", .content = "{}"}));
}
