using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CooperationEvents.Testing;

/// <summary>
/// Keeps what the service logs as an error, so that a failing test can say what went wrong behind the answer, and what it warns of.
/// </summary>
public sealed class ErrorLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _entries = new();

    private readonly ConcurrentQueue<string> _warnings = new();

    public IReadOnlyCollection<string> Entries => _entries;

    public IReadOnlyCollection<string> Warnings => _warnings;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() { }

    private sealed class Logger(ErrorLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is LogLevel.Warning or LogLevel.Error or LogLevel.Critical;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
                (logLevel == LogLevel.Warning ? log._warnings : log._entries).Enqueue(
                    $"{category}: {formatter(state, exception)} {exception}"
                );
        }
    }
}
