// The few members of Unity that the example touches, so that a plain compiler can check it.
using System;

namespace UnityEngine
{
    public class MonoBehaviour { }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute { }

    public static class Debug
    {
        public static void Log(object message) { }
    }
}

namespace UnityEngine.Networking
{
    public class UploadHandler { }

    public class UploadHandlerRaw : UploadHandler
    {
        public UploadHandlerRaw(byte[] data) { }
    }

    public class DownloadHandler
    {
        public string text { get { return ""; } }
    }

    public class DownloadHandlerBuffer : DownloadHandler { }

    public class UnityWebRequest : IDisposable
    {
        public const string kHttpVerbPOST = "POST";
        public UploadHandler uploadHandler { get; set; }
        public DownloadHandler downloadHandler { get; set; }
        public long responseCode { get { return 0; } }
        public UnityWebRequest(string url, string method) { }
        public void SetRequestHeader(string name, string value) { }
        public object SendWebRequest() { return null; }
        public void Dispose() { }
    }
}
