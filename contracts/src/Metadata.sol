// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Base64} from "solady/utils/Base64.sol";
import {LibString} from "solady/utils/LibString.sol";
import {Pose} from "./Pose.sol";
import {Render} from "./Render.sol";

/// @title The JSON document of a token
/// @notice Follows the metadata schema of ERC-7007: `image` is the posed picture, `aigc_data` the proven image before the pose.
library Metadata {
    struct Token {
        string collectionName;
        uint256 id;
        bytes prompt;
        bytes aigcData;
        address creator;
        bytes32 modelCommitment;
        uint256 width;
        uint256 height;
        uint256 scale;
        bytes palette;
    }

    /// @notice `data:application/json;base64,..`
    function uri(Token memory token) internal pure returns (string memory) {
        uint256 pose = uint8(token.prompt[token.prompt.length - 1]);
        (bytes memory svg, uint256 colours) = Render.svg(
            Pose.posed(token.aigcData, token.width, token.height, pose), token.width, token.height, token.scale, token.palette
        );
        bytes memory bmp = Render.bmp(token.aigcData, token.width, token.height, token.palette);
        bytes memory json = bytes.concat(
            _head(token),
            '","image":"data:image/svg+xml;base64,',
            bytes(Base64.encode(svg)),
            '","aigc_type":"image","aigc_data":"data:image/bmp;base64,',
            bytes(Base64.encode(bmp)),
            '","proof_type":"validity (zkML)","attributes":',
            _attributes(pose, colours),
            "}"
        );
        return string.concat("data:application/json;base64,", Base64.encode(json));
    }

    /// @notice Whether `text` is well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF). JSON needs it, and
    /// escaping leaves bytes above 127 as they are.
    function isUtf8(string memory text) internal pure returns (bool) {
        bytes memory b = bytes(text);
        uint256 i;
        while (i < b.length) {
            uint8 first = uint8(b[i++]);
            if (first < 0x80) continue;
            if (first < 0xc2 || first > 0xf4) return false;
            uint256 rest = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
            if (i + rest > b.length) return false;
            uint8 second = uint8(b[i]);
            if (first == 0xe0 && second < 0xa0) return false;
            if (first == 0xed && second > 0x9f) return false;
            if (first == 0xf0 && second < 0x90) return false;
            if (first == 0xf4 && second > 0x8f) return false;
            for (uint256 end = i + rest; i < end; ++i) {
                if (uint8(b[i]) & 0xc0 != 0x80) return false;
            }
        }
        return true;
    }

    function _head(Token memory token) private pure returns (bytes memory) {
        return bytes.concat(
            '{"name":"',
            bytes(LibString.escapeJSON(token.collectionName)),
            " #",
            // Eight digits tell tokens of one collection apart for a reader; the full id is in the prompt's hash.
            bytes(LibString.toHexStringNoPrefix(token.id >> 224, 4)),
            '","description":"Painted by a small neural network in integer arithmetic. Before this token was minted, its contract',
            " checked a zero-knowledge proof that the committed network makes exactly this image from this prompt.",
            '","prompt":"',
            bytes(LibString.toHexString(token.prompt)),
            '","creator":"',
            bytes(LibString.toHexStringChecksummed(token.creator)),
            '","model_commitment":"',
            bytes(LibString.toHexString(uint256(token.modelCommitment), 32))
        );
    }

    function _attributes(uint256 pose, uint256 colours) private pure returns (bytes memory) {
        (bool mirror, int256 dx, int256 dy) = Pose.decode(pose);
        return bytes.concat(
            '[{"trait_type":"Mirrored","value":"',
            mirror ? bytes("Yes") : bytes("No"),
            '"},{"trait_type":"Shift right","display_type":"number","value":',
            bytes(LibString.toString(dx)),
            '},{"trait_type":"Shift down","display_type":"number","value":',
            bytes(LibString.toString(dy)),
            '},{"trait_type":"Colours","display_type":"number","value":',
            bytes(LibString.toString(colours)),
            "}]"
        );
    }
}
