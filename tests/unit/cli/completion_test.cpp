#include "cli/completion/typed_words.hpp"

#include <doctest/doctest.h>

using namespace pier::cli;

namespace {

using Wanted = TypedWords::Wanted;

const std::vector<CommandSpec>& commands() {
  static const std::vector<CommandSpec> list = {
      {.name = "deploy", .summary = "", .options = {{.name = "select", .value = "KEY"}, {.name = "force"}}},
      {.name = "bundle run", .summary = "", .positionals = {{.name = "KEY"}}},
      {.name = "bundle deployment bind", .summary = "", .positionals = {{.name = "KEY"}, {.name = "ID"}}},
  };
  return list;
}

TypedWords typed(std::vector<std::string> words) {
  return TypedWords::read(words, commands());
}

} // namespace

TEST_CASE("typed words: the command grows word by word, options in between") {
  CHECK(typed({}).path.empty());
  CHECK(typed({"bun"}).begin == "bun");
  CHECK(typed({"bundle", "deployment", ""}).path == "bundle deployment");
  CHECK(typed({"bundle", "deployment", ""}).command == nullptr);
  const auto bind = typed({"-t", "dev", "bundle", "--debug", "deployment", "bind", "orders", "4"});
  REQUIRE(bind.command != nullptr);
  CHECK(bind.command->name == "bundle deployment bind");
  CHECK(bind.positionals == std::vector<std::string>{"orders"});
  CHECK(bind.options.at("target") == std::vector<std::string>{"dev"});
  CHECK(bind.begin == "4");
}

TEST_CASE("typed words: the value of an option, apart or behind its name") {
  const auto apart = typed({"deploy", "--select", "jo"});
  CHECK(apart.wanted == Wanted::option_value);
  CHECK(apart.option->name == "select");
  CHECK(apart.begin == "jo");
  CHECK(apart.kept.empty());
  const auto short_one = typed({"deploy", "-t", ""});
  CHECK(short_one.option->name == "target");
  const auto joined = typed({"deploy", "--select=jo"});
  CHECK(joined.begin == "jo");
  CHECK(joined.kept == "--select=");
  CHECK(typed({"deploy", "--selekt=jo"}).option == nullptr);
}

TEST_CASE("typed words: bash splits at the equals sign") {
  const auto value = typed({"deploy", "--select", "=", "jo"});
  CHECK(value.wanted == Wanted::option_value);
  CHECK(value.begin == "jo");
  CHECK(value.kept.empty());
  CHECK(typed({"deploy", "--select", "="}).begin.empty());
  const auto done = typed({"deploy", "--target", "=", "dev", "--fo"});
  CHECK(done.wanted == Wanted::option_name);
  CHECK(done.options.at("target") == std::vector<std::string>{"dev"});
}

TEST_CASE("typed words: behind two dashes all words are arguments") {
  const auto argument = typed({"bundle", "run", "load", "--", "--da"});
  CHECK(argument.wanted == Wanted::argument);
  CHECK(argument.positionals == std::vector<std::string>{"load"});
  CHECK(argument.begin == "--da");
  CHECK(typed({"bundle", "run", "load", "--"}).wanted == Wanted::option_name);
}
