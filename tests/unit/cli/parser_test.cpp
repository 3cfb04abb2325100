#include "cli/parser.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::cli;

namespace {

const std::vector<CommandSpec>& commands() {
  static const std::vector<CommandSpec> list = {
      {.name = "deploy",
       .summary = "",
       .options = {{.name = "auto-approve"}, {.name = "select", .value = "KEY", .repeatable = true}}},
      {.name = "bundle deployment bind", .summary = ""},
      {.name = "local start", .summary = ""},
      {.name = "local stop", .summary = ""},
      {.name = "logs",
       .summary = "",
       .options = {{.name = "follow", .short_name = 'f'}, {.name = "tail", .value = "N"}},
       .positionals = {{.name = "APP"}}},
      {.name = "run",
       .summary = "",
       .positionals = {{.name = "KEY"}, {.name = "ARGS", .required = false, .repeatable = true}}},
      {.name = "init", .summary = "", .positionals = {{.name = "TEMPLATE"}, {.name = "NAME", .required = false}}},
  };
  return list;
}

ParseOutcome parse(std::vector<std::string> words) {
  return parse_command_line(words, commands());
}

std::string hint_of(std::vector<std::string> words) {
  const auto outcome = parse(std::move(words));
  const auto* error = std::get_if<Error>(&outcome);
  return error == nullptr ? "no error" : error->hint;
}

} // namespace

TEST_CASE("parser: options may stand before and after the command") {
  const auto outcome = parse({"-t", "dev", "deploy", "--auto-approve", "--var", "a=1", "--var=b=2", "-o", "json"});
  REQUIRE(std::holds_alternative<Invocation>(outcome));
  const auto& invocation = std::get<Invocation>(outcome);
  CHECK(invocation.command->name == "deploy");
  CHECK(invocation.arguments.get("target") == "dev");
  CHECK(invocation.arguments.has("auto-approve"));
  CHECK(invocation.arguments.all("var") == std::vector<std::string>{"a=1", "b=2"});
  CHECK(invocation.arguments.get("output") == "json");
}

TEST_CASE("parser: values as scripts write them") {
  const auto get = [](std::vector<std::string> words, const std::string& name) {
    words.insert(words.begin(), "deploy");
    return std::get<Invocation>(parse(std::move(words))).arguments.get(name);
  };
  CHECK(get({"-t=dev"}, "target") == "dev");
  CHECK(get({"-tdev"}, "target") == "dev");
  CHECK(get({"-t", "dev", "--target", "prod"}, "target") == "prod");
  CHECK(get({"-o=JSON"}, "output") == "json");
  CHECK(get({"--log-level", "Debug"}, "log-level") == "debug");
  const auto off = std::get<Invocation>(parse({"deploy", "--auto-approve=false", "--debug=true"}));
  CHECK_FALSE(off.arguments.has("auto-approve"));
  CHECK(off.arguments.has("debug"));
}

TEST_CASE("parser: commands of a group and positionals") {
  CHECK(std::get<Invocation>(parse({"local", "stop"})).command->name == "local stop");
  const auto logs = std::get<Invocation>(parse({"logs", "-f", "shop"}));
  CHECK(logs.arguments.get("APP") == "shop");
  CHECK(logs.arguments.has("follow"));
  const auto run = std::get<Invocation>(parse({"run", "job", "--", "--x", "y"}));
  CHECK(run.arguments.all("ARGS") == std::vector<std::string>{"--x", "y"});
}

TEST_CASE("parser: an option takes one word, the next one is a positional") {
  const auto outcome = parse({"logs", "--tail", "5", "shop"});
  REQUIRE(std::holds_alternative<Invocation>(outcome));
  CHECK(std::get<Invocation>(outcome).arguments.get("tail") == "5");
  CHECK(std::get<Invocation>(outcome).arguments.get("APP") == "shop");
}

TEST_CASE("parser: an optional word after a required one") {
  const auto named = std::get<Invocation>(parse({"init", "fullstack", "shop"}));
  CHECK(named.arguments.get("TEMPLATE") == "fullstack");
  CHECK(named.arguments.get("NAME") == "shop");
  CHECK_FALSE(std::get<Invocation>(parse({"init", "fullstack"})).arguments.has("NAME"));
  CHECK(hint_of({"init", "a", "b", "c"}) == "see `pier init --help`");
}

TEST_CASE("parser: a slip of the finger gets the nearest spelling") {
  CHECK(hint_of({"deplyo"}) == "did you mean `pier deploy`?");
  CHECK(hint_of({"local", "strat"}) == "did you mean `pier local start`?");
  CHECK(hint_of({"deploy", "--auto-aprove"}) == "did you mean --auto-approve?");
  CHECK(hint_of({"deploy", "-o", "yaml"}) == "choose one of text, json");
  CHECK(hint_of({"logs"}) == "see `pier logs --help`");
}

TEST_CASE("parser: help and version") {
  CHECK(std::holds_alternative<HelpRequest>(parse({})));
  CHECK(std::get<HelpRequest>(parse({"local", "--help"})).group == "local");
  CHECK(std::get<HelpRequest>(parse({"bundle", "deployment"})).group == "bundle deployment");
  CHECK(hint_of({"bundle", "deployment", "bid"}) == "did you mean `pier bundle deployment bind`?");
  CHECK(std::get<HelpRequest>(parse({"deploy", "-h"})).command->name == "deploy");
  CHECK(std::holds_alternative<VersionRequest>(parse({"--version"})));
}
