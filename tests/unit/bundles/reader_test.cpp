#include "bundles/yaml/reader.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::bundles;

namespace {

const std::string k_file = "databricks.yml";

struct Read {
  std::optional<Value> value;
  Diagnostics diagnostics;
};

Read read(std::string_view text) {
  Read result;
  result.value = read_yaml(text, &k_file, result.diagnostics);
  return result;
}

std::string json_of(std::string_view text) {
  const auto result = read(text);
  return result.value ? result.value->to_json().dump() : "-";
}

std::string first_problem(std::string_view text) {
  const auto result = read(text);
  if (result.diagnostics.empty()) {
    return "";
  }
  const auto& problem = result.diagnostics.all().front();
  return problem.code + " " + problem.spans.at(0).to_string() + " " + problem.summary;
}

} // namespace

TEST_CASE("yaml: scalars mean what the official CLI takes them for") {
  CHECK(json_of("a: [true, True, FALSE, yes, off, ~, null, '', 010, 0x10, 0o14, 0b11, 1_000, -7, +5, 1.50, 1e3, .5]") ==
        R"({"a":[true,true,false,"yes","off",null,null,"",10,16,12,3,1000,-7,5,1.5,1000,0.5]})");
  CHECK(json_of("a: [\"1\", '1', !!str 1, 2024-01-31, 1.2.3, 12:30, 0x, -x]") ==
        R"({"a":["1","1","1","2024-01-31","1.2.3","12:30","0x","-x"]})");
  CHECK(json_of("") == "null");
  CHECK(json_of("\xEF\xBB\xBF"
                "a: 1\r\nb: 2\r\n") == R"({"a":1,"b":2})");
  CHECK(json_of("a: 1\n---\nb: 2\n") == R"({"a":1})");
}

TEST_CASE("yaml: places count characters, also behind umlauts") {
  const auto result = read("größe: 5\nlist:\n  - ä: 'x'\n");
  const auto& entries = result.value->as_map().entries();
  CHECK(entries.at(0).place.to_span() == SourceSpan{"databricks.yml", 1, 1, 1, 6});
  CHECK(entries.at(0).value.place().to_span() == SourceSpan{"databricks.yml", 1, 8, 1, 9});
  const auto& item = entries.at(1).value.as_list().at(0);
  CHECK(item.place().to_span().to_string() == "databricks.yml:3:5");
  CHECK(item.find("ä")->place().to_span() == SourceSpan{"databricks.yml", 3, 8, 3, 11});
}

TEST_CASE("yaml: a missing value stands behind its colon") {
  const auto result = read("a:\nb: 1\n");
  CHECK(result.value->find("a")->place().to_span().to_string() == "databricks.yml:1:3");
}

TEST_CASE("yaml: merge keys, own keys win, later maps in a list win") {
  CHECK(json_of("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  c: 3\n") ==
        R"({"x":{"a":1,"b":1},"y":{"b":2,"c":2},"z":{"a":1,"b":2,"c":3}})");
  CHECK(json_of("x: &x {a: 1}\nz: {<<: *x, '<<': 2}\n") == R"({"x":{"a":1},"z":{"<<":2,"a":1}})");
}

TEST_CASE("yaml: problems have a code, a place and the known words") {
  CHECK(first_problem("x: &x {a: 1}\nz:\n  <<: {b: 1}\n") ==
        "PIER1006 databricks.yml:3:7 map merge requires map or sequence of maps as the value");
  CHECK(first_problem("1: x\n") == "PIER1005 databricks.yml:1:1 invalid key tag: !!int");
  CHECK(first_problem("a: &x\n  b: *x\n") == "PIER1007 databricks.yml:2:6 cyclic reference to anchor \"x\"");
  CHECK(first_problem("a: 9223372036854775808\n") ==
        "PIER1005 databricks.yml:1:4 invalid int value: 9223372036854775808");
  CHECK(first_problem("a: !!binary aGk=\n") == "PIER1005 databricks.yml:1:4 unknown tag: !!binary");
  CHECK(first_problem("[a]: 1\n") == "PIER1005 databricks.yml:1:1 key is not a scalar");
  CHECK(first_problem("a: 1\na: 2\n") == "PIER1901 databricks.yml:2:1 key 'a' is written twice; the last one counts");
  CHECK(first_problem("a: [1\nb: 2\n").substr(0, 8) == "PIER1004");
  CHECK(first_problem("a: *nope\n").substr(0, 8) == "PIER1004");
  CHECK(first_problem("ok: 1\nbad: \xFF\n") == "PIER1003 databricks.yml:2:1 the file is not valid UTF-8");
  CHECK(first_problem(std::string_view("a: 1\0b", 6)) ==
        "PIER1003 databricks.yml:1:5 the file holds a NUL byte, so it is no text");
}

TEST_CASE("yaml: depth and aliases are bounded") {
  CHECK(first_problem("a:\n  " + std::string(10'000, '[') + std::string(10'000, ']')).substr(0, 8) == "PIER1008");
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'k'; ++name) {
    const std::string alias = std::string("*") + static_cast<char>(name - 1);
    bomb += std::string(1, name) + ": &" + name + " [" + alias;
    for (int i = 0; i < 8; ++i) {
      bomb += ", " + alias;
    }
    bomb += "]\n";
  }
  CHECK(first_problem(bomb).find("aliases expand to too much") != std::string::npos);
  std::string chain = "a0: &a0 1\n";
  for (int i = 1; i < 5000; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  CHECK(first_problem(chain).find("aliases expand to too much") != std::string::npos);
}
