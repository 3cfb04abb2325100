#include "cli/bundle/generate/definition.hpp"

#include "cli/console.hpp"
#include "core/base/text.hpp"

namespace pier::cli {

namespace fs = std::filesystem;

namespace {

/// The official CLI knows numbers as doubles only.
Json with_doubles(const Json& value) {
  if (value.is_array()) {
    auto items = Json::array();
    for (const auto& item : value.as_array()) {
      items.push_back(with_doubles(item));
    }
    return items;
  }
  if (value.is_object()) {
    auto members = Json::object();
    for (const auto& [name, member] : value.as_object()) {
      members[name] = with_doubles(member);
    }
    return members;
  }
  return value.is_integer() ? Json(value.as_double()) : value;
}

Result<void> write_content(Generation& generation, const DefinitionKind& kind, const Json& resource,
                           const fs::path& file) {
  const auto content = resource.get_string(kind.content_field);
  if (content.empty() && kind.kind == "genie_spaces") {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "PIER0025",
                 .message = std::string(kind.title) + " response did not include " + std::string(kind.content_field) +
                            "; refusing to write " + file.generic_string()};
  }
  PIER_TRY_ASSIGN(const auto text, stable_content(content));
  const auto name = generation.name_in_bundle(file);
  PIER_TRY(generation.check_free(file, name));
  generation.context().console.status("Writing " + std::string(kind.title) + " to " + name);
  return generation.write(file, text, name);
}

Result<void> write_both(Generation& generation, const DefinitionKind& kind, const Json& resource,
                        const std::string& key) {
  const auto config_dir = generation.folder_in_bundle("resource-dir", "resources");
  const auto content_dir = generation.folder_in_bundle(kind.folder_option, "src");
  const auto content = content_dir / (key + std::string(kind.suffix));
  PIER_TRY_ASSIGN(const auto relative, path_between(config_dir, content));
  PIER_TRY(write_content(generation, kind, resource, content));
  const fs::path file = clean_path(config_dir / (key + "." + std::string(kind.sort) + ".yml"));
  generation.context().console.status("Writing configuration to " + generation.name_in_bundle(file));
  PIER_TRY(generation.write_config(kind.generate(resource, relative), key, file, file.string()));
  generation.warn_if_not_included(file);
  return {};
}

struct Deployed {
  std::string id;
  fs::path file;
};

Result<Deployed> find_deployed(Generation& generation, const DefinitionKind& kind) {
  const auto key = generation.arguments().get("resource");
  const auto problem = [&](std::string_view what) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER0025",
                 .message = std::string(kind.title) + " resource " + Json(key).dump() + std::string(what)};
  };
  const auto* resource = generation.flow().bundle()->config.find_path({"resources", kind.kind, key});
  PIER_TRY_ASSIGN(const auto config, generation.flow().deployed_config(true));
  if (resource == nullptr) {
    return problem(" is not defined");
  }
  const auto file = resource->get_string("file_path");
  if (file.empty()) {
    return problem(" has no file path defined");
  }
  const auto* deployed = config.find_path({"resources", kind.kind, key});
  return Deployed{.id = deployed == nullptr ? std::string() : deployed->get_string("id"),
                  .file = generation.flow().bundle()->root / file};
}

/// Until --watch is stopped.
Result<void> keep_up(Generation& generation, const DefinitionKind& kind, const Deployed& deployed) {
  Json written;
  for (bool changed = true;;) {
    PIER_TRY_ASSIGN(const auto resource, kind.get(generation.client(), deployed.id));
    if (changed) {
      PIER_TRY(write_content(generation, kind, resource, deployed.file));
      written = resource;
    }
    if (!generation.arguments().has("watch")) {
      return {};
    }
    PIER_TRY_ASSIGN(changed, kind.wait_for_change(generation, written, deployed.file));
  }
}

Result<Report> update_content(Generation& generation, const DefinitionKind& kind) {
  const auto deployed = find_deployed(generation, kind);
  const auto result = deployed ? keep_up(generation, kind, *deployed) : Result<void>(deployed.error());
  if (!result && result.error().kind == ErrorKind::interrupted) {
    return Report{.exit_code = ExitCode::interrupted};
  }
  return result ? generation.flow().end() : generation.flow().failed(result.error());
}

} // namespace

Result<std::string> stable_content(std::string_view content) {
  if (content.empty()) {
    return Error{.kind = ErrorKind::invalid_argument, .code = "PIER0025", .message = "unexpected end of JSON input"};
  }
  PIER_TRY_ASSIGN(const auto json, Json::parse(content));
  // Line separators are line breaks to JavaScript.
  auto text = replace_all(with_doubles(json).dump(2), "\xE2\x80\xA8", "\\u2028");
  return replace_all(std::move(text), "\xE2\x80\xA9", "\\u2029") + "\n";
}

Result<Report> generate_existing(Generation& generation, const DefinitionKind& kind, const std::string& id) {
  const auto resource = kind.get(generation.client(), id);
  if (!resource) {
    return generation.flow().failed(resource.error());
  }
  const auto key = generation.key_for(resource->get_string(kind.name_field));
  if (const auto written = write_both(generation, kind, *resource, key); !written) {
    return generation.flow().failed(written.error());
  }
  if (generation.arguments().has("bind")) {
    const auto bound = generation.bind(key, id);
    if (!bound) {
      return generation.flow().failed(bound.error());
    }
    if (!*bound) {
      return Report{.exit_code = ExitCode::failed};
    }
    generation.context().console.status("Successfully bound " + std::string(kind.title) + " with an id '" + id + "'");
  }
  return generation.flow().end();
}

Result<Report> generate_definition(Generation& generation, const DefinitionKind& kind,
                                   Result<Report> (*existing)(Generation&)) {
  const bool of_bundle = !generation.arguments().get("resource").empty();
  if (of_bundle ? !generation.begin_resolved() : !generation.begin()) {
    return generation.flow().end();
  }
  return of_bundle ? update_content(generation, kind) : existing(generation);
}

std::vector<OptionSpec> definition_options(const DefinitionKind& kind, std::vector<OptionSpec> lookups) {
  auto options = std::move(lookups);
  options.insert(
      options.end(),
      {OptionSpec{
           .name = "resource", .value = "KEY", .help = "the " + std::string(kind.title) + " that the bundle deployed"},
       key_option(), folder_option("resource-dir", 'd', "where the configuration goes", "resources"),
       folder_option(std::string(kind.folder_option), 's', "where the content goes", "src"), overwrite_option(),
       bind_option(), OptionSpec{.name = "watch", .help = "with --resource: write the content whenever it changes"}});
  return options;
}

} // namespace pier::cli
