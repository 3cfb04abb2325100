#include "core/lake/engine/engine.hpp"

#include "core/base/guarded.hpp"
#include "core/base/shared_library.hpp"
#include "core/lake/engine/prelude.hpp"
#include "core/lake/number_text.hpp"

#include "core/lake/engine/connection.inc"

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace pier::lake {
namespace {

constexpr std::size_t k_pooled_connections = 16;

Result<void> load_api(const std::filesystem::path& path, DuckApi& api) {
  PIER_TRY_ASSIGN(
      const auto library,
      SharedLibrary::load({path.string()}, "build pier again: cmake fetches libduckdb.so into build/…/lib"));
#define PIER_DUCKDB_LOAD(name)                                                                                         \
  api.name = library.function<std::remove_pointer_t<decltype(api.name)>>(#name);                                       \
  if (api.name == nullptr) {                                                                                           \
    return Error{.kind = ErrorKind::unavailable,                                                                       \
                 .code = "PIER7001",                                                                                   \
                 .message = path.string() + " is not the DuckDB that pier needs: it has no " #name};                   \
  }
  PIER_DUCKDB_FUNCTIONS(PIER_DUCKDB_LOAD)
#undef PIER_DUCKDB_LOAD
  return {};
}

/// Deletion vectors by number, for pier_dv. Looked up once a chunk.
class DeletionRegistry {
 public:
  /// `self` keeps the registry as long as a handle lives.
  std::shared_ptr<const std::int64_t> add(std::shared_ptr<DeletionRegistry> self, DeletionCheck check) {
    const std::unique_lock lock(mutex_);
    const auto id = next_++;
    checks_.emplace(id, std::make_shared<const DeletionCheck>(std::move(check)));
    return {new std::int64_t(id), [self = std::move(self)](const std::int64_t* gone) {
              const std::unique_lock relock(self->mutex_);
              self->checks_.erase(*gone);
              delete gone;
            }};
  }

  std::shared_ptr<const DeletionCheck> find(std::int64_t id) {
    const std::shared_lock lock(mutex_);
    const auto found = checks_.find(id);
    return found == checks_.end() ? nullptr : found->second;
  }

 private:
  std::shared_mutex mutex_;
  std::map<std::int64_t, std::shared_ptr<const DeletionCheck>> checks_;
  std::int64_t next_ = 1;
};

/// The loaded functions. DuckDB calls scalar functions with nothing but an opaque handle, which only these
/// functions can open, so the table must be reachable from a plain function; written once, never freed.
std::atomic<const DuckApi*> loaded_api = nullptr;

std::atomic<std::uint64_t> next_engine_id = 1;

Result<const DuckApi*> api_of(const std::filesystem::path& library) {
  if (const auto* api = loaded_api.load(); api != nullptr) {
    return api;
  }
  auto api = std::make_unique<DuckApi>();
  PIER_TRY(load_api(library, *api));
  const DuckApi* expected = nullptr;
  if (loaded_api.compare_exchange_strong(expected, api.get())) {
    return static_cast<const DuckApi*>(api.release());
  }
  return expected;
}

/// pier_dv(vector BIGINT, row BIGINT) -> BOOLEAN: is this row of the file deleted?
void check_deletions(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& api = loaded_functions();
  auto* registry = static_cast<DeletionRegistry*>(api.duckdb_scalar_function_get_extra_info(info));
  const auto* ids =
      static_cast<const std::int64_t*>(api.duckdb_vector_get_data(api.duckdb_data_chunk_get_vector(input, 0)));
  const auto* rows =
      static_cast<const std::int64_t*>(api.duckdb_vector_get_data(api.duckdb_data_chunk_get_vector(input, 1)));
  const auto* valid = api.duckdb_vector_get_validity(api.duckdb_data_chunk_get_vector(input, 0));
  auto* out = static_cast<bool*>(api.duckdb_vector_get_data(output));
  std::int64_t known = 0;
  std::shared_ptr<const DeletionCheck> check;
  for (idx_t i = 0; i < api.duckdb_data_chunk_get_size(input); ++i) {
    if (valid != nullptr && ((valid[i / 64] >> (i % 64)) & 1U) == 0) {
      out[i] = false;
      continue;
    }
    if (check == nullptr || ids[i] != known) {
      known = ids[i];
      check = registry->find(known);
      if (check == nullptr) {
        api.duckdb_scalar_function_set_error(info, "a deletion vector is gone");
        return;
      }
    }
    out[i] = (*check)(static_cast<std::uint64_t>(rows[i]));
  }
}

/// pier_double_text(DOUBLE), pier_float_text(FLOAT) -> VARCHAR
template <class Real, void (*append)(std::string&, Real)>
void write_real(duckdb_function_info /*info*/, duckdb_data_chunk input, duckdb_vector output) {
  const auto& api = loaded_functions();
  auto* vector = api.duckdb_data_chunk_get_vector(input, 0);
  const auto* values = static_cast<const Real*>(api.duckdb_vector_get_data(vector));
  const auto* valid = api.duckdb_vector_get_validity(vector);
  std::string text;
  for (idx_t i = 0; i < api.duckdb_data_chunk_get_size(input); ++i) {
    if (valid != nullptr && ((valid[i / 64] >> (i % 64)) & 1U) == 0) {
      api.duckdb_vector_ensure_validity_writable(output);
      api.duckdb_validity_set_row_invalid(api.duckdb_vector_get_validity(output), i);
      continue;
    }
    text.clear();
    append(text, values[i]);
    api.duckdb_vector_assign_string_element_len(output, i, text.data(), text.size());
  }
}

class DuckEngine final : public Engine {
 public:
  DuckEngine(const DuckApi& api, duckdb_database database)
      : api_(api),
        database_(database) {}

  DuckEngine(const DuckEngine&) = delete;
  DuckEngine& operator=(const DuckEngine&) = delete;

  ~DuckEngine() override {
    pool_.lock()->clear();
    api_.duckdb_close(&database_);
  }

  Result<void> set_up(const EngineOptions& options) {
    PIER_TRY_ASSIGN(auto first, session());
    PIER_TRY(register_functions());
    for (const auto statement : prelude_statements()) {
      PIER_TRY(first->run(std::string(statement)).context(std::string(statement)));
    }
    std::string folders;
    for (const auto& folder : options.allowed_directories) {
      folders += (folders.empty() ? "" : ", ") + quote_text((folder / "").string());
    }
    PIER_TRY(first->run("SET GLOBAL TimeZone = 'UTC'"));
    PIER_TRY(first->run("SET GLOBAL default_null_order = 'nulls_first_on_asc_last_on_desc'"));
    PIER_TRY(first->run("SET GLOBAL parquet_metadata_cache = true"));
    PIER_TRY(first->run("SET GLOBAL allowed_directories = [" + folders + "]"));
    PIER_TRY(first->run("SET GLOBAL enable_external_access = false"));
    return first->run("SET GLOBAL lock_configuration = true");
  }

  Result<std::unique_ptr<EngineSession>> session() override {
    std::unique_ptr<Connection> connection;
    if (auto pool = pool_.lock(); !pool->empty()) {
      connection = std::move(pool->back());
      pool->pop_back();
    }
    if (connection == nullptr) {
      duckdb_connection handle = nullptr;
      if (api_.duckdb_connect(database_, &handle) != DuckDBSuccess) {
        return Error{.kind = ErrorKind::internal, .code = "PIER7001", .message = "DuckDB opens no connection"};
      }
      connection = std::make_unique<Connection>(api_, handle);
    }
    return make_session(api_, std::move(connection),
                        [this](std::unique_ptr<Connection> used) { give_back(std::move(used)); });
  }

  [[nodiscard]] std::uint64_t id() const override { return id_; }

  std::shared_ptr<const std::int64_t> register_deletions(DeletionCheck check) override {
    return deletions_->add(deletions_, std::move(check));
  }

 private:
  void give_back(std::unique_ptr<Connection> connection) {
    auto pool = pool_.lock();
    if (pool->size() < k_pooled_connections) {
      pool->push_back(std::move(connection));
    }
  }

  Result<void> register_functions() {
    duckdb_connection connection = nullptr;
    if (api_.duckdb_connect(database_, &connection) != DuckDBSuccess) {
      return Error{.kind = ErrorKind::internal, .code = "PIER7001", .message = "DuckDB opens no connection"};
    }
    const std::array specs{
        FunctionSpec{"pier_dv",
                     {DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT},
                     DUCKDB_TYPE_BOOLEAN,
                     check_deletions,
                     deletions_.get()},
        FunctionSpec{
            "pier_double_text", {DUCKDB_TYPE_DOUBLE}, DUCKDB_TYPE_VARCHAR, write_real<double, append_double>, nullptr},
        FunctionSpec{
            "pier_float_text", {DUCKDB_TYPE_FLOAT}, DUCKDB_TYPE_VARCHAR, write_real<float, append_float>, nullptr},
    };
    Result<void> done;
    for (const auto& spec : specs) {
      if (done) {
        done = register_function(api_, connection, spec);
      }
    }
    if (done) {
      done = register_number_functions(api_, connection);
    }
    api_.duckdb_disconnect(&connection);
    return done;
  }

  const DuckApi& api_;
  duckdb_database database_;
  std::shared_ptr<DeletionRegistry> deletions_ = std::make_shared<DeletionRegistry>();
  std::uint64_t id_ = next_engine_id++;
  Guarded<std::vector<std::unique_ptr<Connection>>> pool_;
};

} // namespace

const DuckApi& loaded_functions() {
  return *loaded_api.load();
}

Result<void> register_function(const DuckApi& api, duckdb_connection connection, const FunctionSpec& spec) {
  auto function = api.duckdb_create_scalar_function();
  api.duckdb_scalar_function_set_name(function, spec.name);
  for (const auto type : spec.parameters) {
    auto parameter = api.duckdb_create_logical_type(type);
    api.duckdb_scalar_function_add_parameter(function, parameter);
    api.duckdb_destroy_logical_type(&parameter);
  }
  constexpr std::uint8_t k_digits = 38;
  auto result = spec.result == DUCKDB_TYPE_DECIMAL ? api.duckdb_create_decimal_type(k_digits, spec.scale)
                                                   : api.duckdb_create_logical_type(spec.result);
  api.duckdb_scalar_function_set_return_type(function, result);
  api.duckdb_destroy_logical_type(&result);
  api.duckdb_scalar_function_set_extra_info(function, spec.context, nullptr);
  api.duckdb_scalar_function_set_function(function, spec.body);
  const auto state = api.duckdb_register_scalar_function(connection, function);
  api.duckdb_destroy_scalar_function(&function);
  return state == DuckDBSuccess ? Result<void>()
                                : Error{.kind = ErrorKind::internal,
                                        .code = "PIER7001",
                                        .message = std::string("DuckDB refuses the function ") + spec.name};
}

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options) {
  PIER_TRY_ASSIGN(const auto* api, api_of(options.library));
  duckdb_config config = nullptr;
  api->duckdb_create_config(&config);
  std::vector<std::pair<const char*, std::string>> settings{
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"temp_directory", options.temp_folder.string()},
  };
  if (options.threads != 0) {
    settings.emplace_back("threads", std::to_string(options.threads));
  }
  if (!options.memory_limit.empty()) {
    settings.emplace_back("memory_limit", options.memory_limit);
  }
  for (const auto& [name, value] : settings) {
    api->duckdb_set_config(config, name, value.c_str());
  }
  duckdb_database database = nullptr;
  char* message = nullptr;
  const auto state = api->duckdb_open_ext(nullptr, &database, config, &message);
  api->duckdb_destroy_config(&config);
  if (state != DuckDBSuccess) {
    Error error{.kind = ErrorKind::internal,
                .code = "PIER7001",
                .message = std::string("DuckDB does not open: ") + (message == nullptr ? "" : message)};
    api->duckdb_free(message);
    return error;
  }
  auto engine = std::make_unique<DuckEngine>(*api, database);
  PIER_TRY(engine->set_up(options).context("setting up DuckDB"));
  return std::unique_ptr<Engine>(std::move(engine));
}

std::string quote_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out.append(c == '"' ? 2 : 1, c);
  }
  return out + '"';
}

std::string escape_glob(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      (out += '[') += c;
      out += ']';
    } else {
      out += c;
    }
  }
  return out;
}

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out.append(c == '\'' ? 2 : 1, c);
  }
  return out + '\'';
}

} // namespace pier::lake
