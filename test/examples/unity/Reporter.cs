using System.Collections;
using System.Text;
using UnityEngine;
using UnityEngine.Networking;

/// <summary>
/// Reports a purchase of Unity IAP to Game of Whales. In a development build the address is that of the sandbox: on the device's own
/// network, http://192.168.0.10:4010/gameofwhales, with the sandbox started by: npx coinslot --host 0.0.0.0
/// </summary>
public sealed class Reporter : MonoBehaviour
{
    [SerializeField] private string address = "https://api.gameofwhales.com:8488";
    [SerializeField] private string game = "sandbox-game";

    /// <param name="receipt">What Unity IAP hands to ProcessPurchase as product.receipt, unchanged.</param>
    public IEnumerator Report(string user, string receipt, string transactionId, string currency, decimal price)
    {
        string body = "{\"game\":" + Quoted(game) + ",\"user\":" + Quoted(user)
            + ",\"common\":{\"country\":\"00\",\"locale\":\"en_US\",\"platform\":\"android\",\"store\":\"GooglePlay\",\"version\":\"1.0\"}"
            + ",\"event\":{\"currency\":" + Quoted(currency) + ",\"price\":" + ((long)(price * 100)).ToString()
            + ",\"transactionId\":" + Quoted(transactionId) + ",\"receipt\":" + Quoted(receipt) + "}}";

        using (var request = new UnityWebRequest(address + "/receipt", UnityWebRequest.kHttpVerbPOST))
        {
            request.uploadHandler = new UploadHandlerRaw(Encoding.UTF8.GetBytes(body));
            request.downloadHandler = new DownloadHandlerBuffer();
            request.SetRequestHeader("Content-Type", "application/json");
            yield return request.SendWebRequest();
            Debug.Log("Game of Whales answered " + request.responseCode + ": " + request.downloadHandler.text);
        }
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char letter in text)
        {
            if (letter == '"' || letter == '\\') quoted.Append('\\').Append(letter);
            else if (letter < ' ') quoted.Append("\\u").Append(((int)letter).ToString("x4"));
            else quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }
}
